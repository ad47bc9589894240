"""The verbs of a case, one module per part of it: ``opening.open_case``, ``goals.propose_goal`` and so on.

Each authorises, checks the rules of the field, writes in one transaction, brings the standing up to date and journals.
"""
