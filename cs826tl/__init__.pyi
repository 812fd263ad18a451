from . import (
    assets as assets,
    data as data,
    networks as networks,
    plots as plots,
    studies as studies,
    training as training,
)
from .assets import (
    fetch as fetch,
)
from .checks import (
    Check as Check,
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
    one_blas_thread as one_blas_thread,
    pick_device as pick_device,
)
from .networks import (
    load_backbone as load_backbone,
    parts as parts,
    staged as staged,
    with_head as with_head,
    wordnet as wordnet,
)
from .plots import (
    plot_bands as plot_bands,
    plot_histories as plot_histories,
    plot_history as plot_history,
    plot_images as plot_images,
    plot_intervals as plot_intervals,
    plot_spread as plot_spread,
    plot_spreads as plot_spreads,
    plot_stages as plot_stages,
    show as show,
)
from .studies import (
    adaptation as adaptation,
    alarms as alarms,
    averaging as averaging,
    forgetting as forgetting,
    imagenet as imagenet,
    kinds as kinds,
    multitask as multitask,
    over_seeds as over_seeds,
    published as published,
    shift as shift,
    test_time as test_time,
    text as text,
    transferability as transferability,
)
from .tables import (
    NumberTable as NumberTable,
)
from .training import (
    Plan as Plan,
    Training as Training,
    add_lora as add_lora,
    audit as audit,
    clear_codes as clear_codes,
    discriminative_rates as discriminative_rates,
    encode as encode,
    encode_task as encode_task,
    evaluate as evaluate,
    fit as fit,
    freeze as freeze,
    frozen_stages as frozen_stages,
    linear_probe as linear_probe,
    merge_lora as merge_lora,
    param_groups as param_groups,
    pooled as pooled,
    predict_cost as predict_cost,
    probe_depths as probe_depths,
    slanted_triangular as slanted_triangular,
    snapshot as snapshot,
    stage_seconds as stage_seconds,
    task_state as task_state,
    train_mode as train_mode,
    trainable_table as trainable_table,
    ulmfit_plan as ulmfit_plan,
    unfreeze as unfreeze,
)
from .verdicts import (
    Findings as Findings,
    Verdict as Verdict,
)
