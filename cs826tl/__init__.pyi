from .anatomy import anatomy as anatomy
from .assets import AssetMissing as AssetMissing
from .assets import asset_path as asset_path
from .assets import fetch as fetch
from .backbones import (
    BACKBONES as BACKBONES,
)
from .backbones import (
    StagedModel as StagedModel,
)
from .backbones import (
    load_backbone as load_backbone,
)
from .backbones import (
    with_head as with_head,
)
from .codes import clear_codes as clear_codes
from .codes import encode as encode
from .codes import pooled as pooled
from .costs import predict_cost as predict_cost
from .costs import stage_seconds as stage_seconds
from .devices import pick_device as pick_device
from .forgetting import (
    EWC as EWC,
)
from .forgetting import (
    L2SP as L2SP,
)
from .forgetting import (
    Distillation as Distillation,
)
from .forgetting import (
    Replay as Replay,
)
from .forgetting import (
    ledger as ledger,
)
from .freezing import (
    audit as audit,
)
from .freezing import (
    freeze as freeze,
)
from .freezing import (
    frozen_stages as frozen_stages,
)
from .freezing import (
    param_groups as param_groups,
)
from .freezing import (
    snapshot as snapshot,
)
from .freezing import (
    train_mode as train_mode,
)
from .freezing import (
    trainable_table as trainable_table,
)
from .freezing import (
    unfreeze as unfreeze,
)
from .history import History as History
from .plots import (
    plot_history as plot_history,
)
from .plots import (
    plot_images as plot_images,
)
from .plots import (
    plot_spread as plot_spread,
)
from .plots import (
    plot_stages as plot_stages,
)
from .plots import (
    plot_tradeoff as plot_tradeoff,
)
from .tasks import (
    Task as Task,
)
from .tasks import (
    few_shot as few_shot,
)
from .tasks import (
    load_folder as load_folder,
)
from .tasks import (
    load_pair as load_pair,
)
from .tasks import (
    load_task as load_task,
)
from .training import evaluate as evaluate
from .training import fit as fit
