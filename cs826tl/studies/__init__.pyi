from . import (
    adaptation as adaptation,
    alarms as alarms,
    averaging as averaging,
    forgetting as forgetting,
    imagenet as imagenet,
    kinds as kinds,
    multitask as multitask,
    published as published,
    recorded as recorded,
    shift as shift,
    test_time as test_time,
    text as text,
    transferability as transferability,
)
from .recorded import (
    over_seeds as over_seeds,
)
