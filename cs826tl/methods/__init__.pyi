from . import (
    adaptation as adaptation,
    alarms as alarms,
    averaging as averaging,
    forgetting as forgetting,
    imagenet as imagenet,
    multitask as multitask,
    shift as shift,
    test_time as test_time,
    text as text,
    transferability as transferability,
)
