"""The lower stages are frozen: ours against four peers, first run and later run apart.

Usage: `python -m benchmarks.frozen {head,two} [--json]`; `benchmarks/README.md` has the results.
"""

from benchmarks.contest import Setting, parser, run

THROUGH = {
    "head": {"small_vgg": "fc", "efficientnet_lite0": "stage9"},
    "two": {"small_vgg": "block2", "efficientnet_lite0": "stage7"},
}

if __name__ == "__main__":
    told = parser(__doc__, size=128, backbone="efficientnet_lite0")
    told.add_argument("trained", choices=THROUGH, help="what is trained")
    options = told.parse_args()
    through = THROUGH[options.trained][options.backbone]
    run(options, Setting(options.images, options.epochs, options.size, through, options.backbone))
