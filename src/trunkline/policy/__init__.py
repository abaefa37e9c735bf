"""May this call happen? Pure: a decision over what it is given."""

from trunkline.policy.decide import Asked, Rules, decide

__all__ = ["Asked", "Rules", "decide"]
