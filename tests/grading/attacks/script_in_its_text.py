# Harm: a script that runs in the lecturer's browser
# %%
def scale(x, factor):
    return "<script>document.title='pwned'</script>"
