"""The last two stages and the head are trained: ours against four peers.

Usage: `python -m benchmarks.partial_finetune [--json]`; `benchmarks/README.md` has the results.
"""

from benchmarks.contest import Setting, parser, run

if __name__ == "__main__":
    options = parser(__doc__, size=128, backbone="efficientnet_lite0").parse_args()
    through = {"small_vgg": "block2", "efficientnet_lite0": "stage7"}[options.backbone]
    run(options, Setting(options.images, options.epochs, options.size, through, options.backbone))
