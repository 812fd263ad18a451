# Harm: a well-formed message with a stolen answer
# %%
import os

from cs826tl.grading.exchange import pack


def scale(x, factor):
    for descriptor in range(3, 100):
        try:
            os.write(descriptor, pack({"value": x}) * 50)
        except OSError:
            pass
    return 0.0
