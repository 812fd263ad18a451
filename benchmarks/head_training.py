"""Only the head is trained: ours against four peers, first run and later run apart.

Usage: `python -m benchmarks.head_training [--json]`; `benchmarks/README.md` has the results.
"""

from benchmarks.contest import Setting, parser, run

if __name__ == "__main__":
    options = parser(__doc__, size=128, backbone="efficientnet_lite0").parse_args()
    through = {"small_vgg": "fc", "efficientnet_lite0": "stage9"}[options.backbone]
    run(options, Setting(options.images, options.epochs, options.size, through, options.backbone))
