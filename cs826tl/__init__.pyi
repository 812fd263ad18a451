from .anatomy import (
    anatomy as anatomy,
)
from .assets import (
    AssetMissing as AssetMissing,
    asset_path as asset_path,
    fetch as fetch,
)
from .backbones import (
    BACKBONES as BACKBONES,
    StagedModel as StagedModel,
    load_backbone as load_backbone,
    with_head as with_head,
)
from .codes import (
    clear_codes as clear_codes,
    encode as encode,
    pooled as pooled,
)
from .costs import (
    predict_cost as predict_cost,
    stage_seconds as stage_seconds,
)
from .devices import (
    pick_device as pick_device,
)
from .forgetting import (
    EWC as EWC,
    L2SP as L2SP,
    Distillation as Distillation,
    Replay as Replay,
    ledger as ledger,
)
from .freezing import (
    audit as audit,
    freeze as freeze,
    frozen_stages as frozen_stages,
    param_groups as param_groups,
    snapshot as snapshot,
    train_mode as train_mode,
    trainable_table as trainable_table,
    unfreeze as unfreeze,
)
from .history import (
    History as History,
)
from .plots import (
    plot_history as plot_history,
    plot_images as plot_images,
    plot_spread as plot_spread,
    plot_stages as plot_stages,
    plot_tradeoff as plot_tradeoff,
    show as show,
)
from .tasks import (
    Task as Task,
    few_shot as few_shot,
    load_folder as load_folder,
    load_pair as load_pair,
    load_task as load_task,
)
from .training import (
    evaluate as evaluate,
    fit as fit,
)
from .verdicts import (
    Verdict as Verdict,
)
