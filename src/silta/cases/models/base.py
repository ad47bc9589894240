"""What the tables of a case have in common: how long a row is kept, and what each row says of itself."""

from silta.access.models import PROVENANCE
from silta.kernel.personaldata import Holds, Retention

WITH_CASE = Retention(
    ground="381/2023 12 §: four years after joint clienthood ends", follows="case", hold="case__is_held"
)

ROW = {"id": Holds.NONE, "case": Holds.REFERENCE, "person": Holds.REFERENCE, **PROVENANCE}
