from . import (
    wordnet as wordnet,
)
from .adaptation import (
    DANN as DANN,
    BlindPair as BlindPair,
    Coral as Coral,
    LearnedMetric as LearnedMetric,
    NaiveBayesEM as NaiveBayesEM,
    SemiSupervised as SemiSupervised,
    TransductiveSVM as TransductiveSVM,
    blind_pair as blind_pair,
    compare as compare,
    coral as coral,
    line_up as line_up,
    neighbour_graph as neighbour_graph,
    reverse_gradient as reverse_gradient,
    reverse_validation as reverse_validation,
    spread_labels as spread_labels,
)
from .alarms import (
    Alarms as Alarms,
    cheapest_threshold as cheapest_threshold,
    count_alarms as count_alarms,
    threshold_at_recall as threshold_at_recall,
    threshold_costs as threshold_costs,
)
from .anatomy import (
    anatomy as anatomy,
)
from .assets import (
    AssetMissing as AssetMissing,
    asset_path as asset_path,
    fetch as fetch,
)
from .augmentation import (
    augmented as augmented,
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
from .evaluation import (
    evaluate as evaluate,
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
from .gradients import (
    gradient_cosines as gradient_cosines,
    shared_gradient as shared_gradient,
)
from .history import (
    History as History,
)
from .imagenet import (
    noun_probability as noun_probability,
    published_networks as published_networks,
    top_k as top_k,
)
from .intrusion import (
    load_intrusions as load_intrusions,
)
from .kinds import (
    kind_of_transfer as kind_of_transfer,
)
from .multitask import (
    fit_together as fit_together,
    joint_optimizer as joint_optimizer,
    with_bottleneck as with_bottleneck,
    with_heads as with_heads,
)
from .plans import (
    Plan as Plan,
)
from .plots import (
    plot_bands as plot_bands,
    plot_bounds as plot_bounds,
    plot_costs as plot_costs,
    plot_effects as plot_effects,
    plot_embedding as plot_embedding,
    plot_feature_maps as plot_feature_maps,
    plot_gains as plot_gains,
    plot_graph as plot_graph,
    plot_guesses as plot_guesses,
    plot_histories as plot_histories,
    plot_history as plot_history,
    plot_images as plot_images,
    plot_intervals as plot_intervals,
    plot_kinds as plot_kinds,
    plot_movement as plot_movement,
    plot_neighbours as plot_neighbours,
    plot_networks as plot_networks,
    plot_plan as plot_plan,
    plot_scores as plot_scores,
    plot_spread as plot_spread,
    plot_spreads as plot_spreads,
    plot_stages as plot_stages,
    plot_top_k as plot_top_k,
    plot_tradeoff as plot_tradeoff,
    show as show,
)
from .probes import (
    encode_task as encode_task,
    linear_probe as linear_probe,
    probe_depths as probe_depths,
)
from .questions import (
    ask as ask,
    relabel as relabel,
    slant as slant,
)
from .reviews import (
    load_reviews as load_reviews,
)
from .schedules import (
    discriminative_rates as discriminative_rates,
    slanted_triangular as slanted_triangular,
    ulmfit_plan as ulmfit_plan,
)
from .shift import (
    shift_auc as shift_auc,
)
from .spam import (
    load_mail as load_mail,
)
from .tasks import (
    Task as Task,
    few_shot as few_shot,
    load_folder as load_folder,
    load_pair as load_pair,
    load_task as load_task,
)
from .text import (
    CharTokenizer as CharTokenizer,
    WordVectors as WordVectors,
    bits_per_character as bits_per_character,
    can_code_sentences as can_code_sentences,
    language_task as language_task,
    load_language_model as load_language_model,
    load_tokenizer as load_tokenizer,
    load_word_vectors as load_word_vectors,
    read_texts as read_texts,
    sentence_codes as sentence_codes,
    text_task as text_task,
    with_text_head as with_text_head,
    word_effects as word_effects,
)
from .training import (
    fit as fit,
    training_steps as training_steps,
)
from .verdicts import (
    Verdict as Verdict,
)
