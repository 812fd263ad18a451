"""Which way of fine-tuning wins on a budget."""
