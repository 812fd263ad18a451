"""The quizzes of all lectures as files that learning platforms import: GIFT and QTI."""
