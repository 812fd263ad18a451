"""Texts: a character language model, sentence codes and word vectors, ready to be transferred."""

from cs826tl.studies.text.char_lstm import load_language_model, with_text_head
from cs826tl.studies.text.effects import Reader, read_texts, word_effects
from cs826tl.studies.text.measured_adapters import adapters_table
from cs826tl.studies.text.measured_codes import codes_table
from cs826tl.studies.text.sentences import can_code_sentences, sentence_codes
from cs826tl.studies.text.tasks import bits_per_character, language_task, text_task
from cs826tl.studies.text.tokenizer import CharTokenizer, load_tokenizer
from cs826tl.studies.text.transformer import load_sentence_network, word_pieces
from cs826tl.studies.text.word_vectors import WordVectors, load_word_vectors

__all__ = [
    "CharTokenizer",
    "Reader",
    "WordVectors",
    "adapters_table",
    "bits_per_character",
    "can_code_sentences",
    "codes_table",
    "language_task",
    "load_language_model",
    "load_sentence_network",
    "load_tokenizer",
    "load_word_vectors",
    "read_texts",
    "sentence_codes",
    "text_task",
    "with_text_head",
    "word_effects",
    "word_pieces",
]
