"""The method comparer: what unlabelled target rows are worth to each method."""
