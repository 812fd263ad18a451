from . import (
    assets as assets,
    data as data,
    methods as methods,
    networks as networks,
    plots as plots,
    training as training,
    verdicts as verdicts,
)
from .assets import (
    fetch as fetch,
)
from .data import (
    Task as Task,
    few_shot as few_shot,
    load_folder as load_folder,
    load_pair as load_pair,
    load_task as load_task,
)
from .devices import (
    describe_device as describe_device,
    pick_device as pick_device,
)
from .networks import (
    load_backbone as load_backbone,
    staged as staged,
    with_head as with_head,
)
from .plots import (
    plot_history as plot_history,
    plot_images as plot_images,
    plot_stages as plot_stages,
    show as show,
)
from .training import (
    Training as Training,
    add_lora as add_lora,
    audit as audit,
    discriminative_rates as discriminative_rates,
    encode as encode,
    evaluate as evaluate,
    fit as fit,
    freeze as freeze,
    linear_probe as linear_probe,
    predict_cost as predict_cost,
    probe_depths as probe_depths,
    slanted_triangular as slanted_triangular,
    snapshot as snapshot,
    train_mode as train_mode,
    trainable_table as trainable_table,
    ulmfit_plan as ulmfit_plan,
    unfreeze as unfreeze,
)
from .verdicts import (
    Check as Check,
    Findings as Findings,
    NumberTable as NumberTable,
    Verdict as Verdict,
    card as card,
    over_seeds as over_seeds,
)
