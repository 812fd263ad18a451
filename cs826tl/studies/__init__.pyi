from . import (
    adaptation as adaptation,
    alarms as alarms,
    forgetting as forgetting,
    imagenet as imagenet,
    kinds as kinds,
    multitask as multitask,
    shift as shift,
    text as text,
)
