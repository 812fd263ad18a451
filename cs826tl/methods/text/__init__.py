"""Texts: a character language model, sentence codes and word vectors, ready to be transferred."""

from cs826tl.methods.text.char_lstm import load_language_model, with_text_head
from cs826tl.methods.text.sentences import sentence_codes
from cs826tl.methods.text.tasks import bits_per_character, language_task, text_task
from cs826tl.methods.text.tokenizer import load_tokenizer
from cs826tl.methods.text.transformer import load_sentence_network, word_pieces
from cs826tl.methods.text.word_vectors import load_word_vectors

__all__ = [
    "bits_per_character",
    "language_task",
    "load_language_model",
    "load_sentence_network",
    "load_tokenizer",
    "load_word_vectors",
    "sentence_codes",
    "text_task",
    "with_text_head",
    "word_pieces",
]
