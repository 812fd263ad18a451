# Harm: hidden inputs in the name and text of an exception
# %%
def scale(x, factor):
    raise type(f"Leak{int(x)}AND{int(factor)}LEAKED", (Exception,), {})(f"LEAKED {x} {factor}")
