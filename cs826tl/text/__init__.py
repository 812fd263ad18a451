"""Texts: a character language model, sentence codes and word vectors, ready to be transferred."""

from cs826tl.text.sentence_codes import can_code_sentences, sentence_codes
from cs826tl.text.word_vectors import WordVectors, load_word_vectors

__all__ = ["WordVectors", "can_code_sentences", "load_word_vectors", "sentence_codes"]
