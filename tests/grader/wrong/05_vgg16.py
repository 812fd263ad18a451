"""Plausible mistakes in exercise 05; each fails its own question."""

FIELD = """
def receptive_field(layers):
    width, step = 1, 1
    for kernel, stride in layers:
        {}
    return width
"""
WAYS = """
def which_preprocessing(pictures):
    {}
"""
RETRAIN = """
def retrain_top(weights, pictures, labels):
    model = {model}
    {train}
    return model.state_dict()
"""
FIT = "tl.fit(model, (pictures, labels), epochs={}, lr=3e-3, progress=False)"
LOOP = """
    for block in (model.stages.block1, model.stages.block2):
        block.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 3e-3)
    model.train()
    for _ in range(12):
        for rows in torch.randperm(len(pictures)).split(32):
            loss = torch.nn.functional.cross_entropy(model(pictures[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
"""

WRONG = {
    "first_weights": {
        "one number a channel": "first_weights = 512 * 4096",
        "with the biases": 'first_weights = (variant["size"] // 32) ** 2 * 512 * 4096 + 4096',
        "four halvings": 'first_weights = (variant["size"] // 16) ** 2 * 512 * 4096',
    },
    "receptive_field": {
        "strides forgotten": FIELD.format("width += kernel - 1"),
        "its own stride first": FIELD.format("step *= stride; width += (kernel - 1) * step"),
        "kernels added whole": FIELD.format("width += kernel * step; step *= stride"),
        "from the top down": FIELD.format("width += (kernel - 1) * step; step *= stride").replace(
            "in layers", "in reversed(layers)"
        ),
    },
    "which_preprocessing": {
        "looks at the largest value": WAYS.format(
            "return 'raw' if pictures.max() > 3 else 'unit' if pictures.min() >= 0 else 'lite0'"
        ),
        "looks at the mean": WAYS.format(
            "m = pictures.mean(); return 'raw' if m > 2 else 'unit' if m > 0.2 else 'imagenet'"
        ),
        "always ImageNet's": WAYS.format("return 'imagenet'"),
    },
    "retrain_top": {
        "only gradients are switched off": RETRAIN.format(model="network(weights)", train=LOOP),
        "everything is trained": RETRAIN.format(model="network(weights)", train=FIT.format(12)),
        "one block too few is kept": RETRAIN.format(
            model='tl.freeze(network(weights), through="block1")', train=FIT.format(12)
        ),
        "two epochs of the head alone": RETRAIN.format(
            model="tl.freeze(network(weights))", train=FIT.format(2)
        ),
        "starts from random weights": RETRAIN.format(
            model='tl.freeze(tl.load_backbone("small_vgg", weights="random", size=8, seed=1), '
            'through="block2")',
            train=FIT.format(12),
        ),
        "nothing is trained": "def retrain_top(weights, pictures, labels):\n    return weights",
    },
}
