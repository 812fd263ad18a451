"""The course's `fit`, and what a user would pick instead, each as its own documents write it.

Every module has one function `train(model, task, epochs, lr, batch_size)`, which trains the model
in place and measures on validation after every epoch. What is frozen is read off the model.
"""
