"""The ImageNet explorer: WordNet's tree, and the network's best five."""
