"""The ledger and what calls taught, opened when there is something to keep or to know."""

from collections.abc import Sequence

import structlog

from trunkline.economy.spent import Learned, Lesson, Spent
from trunkline.programs.database import Database

_log = structlog.get_logger("trunkline.ledger")


class LazyBooks:
    """Implements `economy.spent.Books` over a database. Without `learning` nothing is learned."""

    def __init__(self, database: Database, *, learning: bool) -> None:
        self._database = database
        self._learning = learning

    async def write(self, spent: Sequence[Spent], lessons: Sequence[Lesson]) -> None:
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - SQLAlchemy, once something is to be kept

        from trunkline.economy.learned import LearnedStore  # noqa: PLC0415 - SQLAlchemy, as above
        from trunkline.economy.ledger import LedgerStore  # noqa: PLC0415 - SQLAlchemy, as above

        engine = await self._database.engine()
        try:
            await LedgerStore(engine).save(spent)
            if self._learning and lessons:
                await LearnedStore(engine).add(lessons)
        except SQLAlchemyError as fault:  # calls go on without their figures
            _log.error("ledger cannot be written", reason=str(fault))

    async def learned(self, organization: str) -> Learned:
        """Nothing, where nothing is to be learned."""
        from trunkline.economy.learned import LearnedStore  # noqa: PLC0415 - SQLAlchemy, as above

        return await LearnedStore(await self._database.engine()).load(organization) if self._learning else Learned()
