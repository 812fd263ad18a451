"""The scenario map: which strategy serves which data [C11]."""
