"""Bodies without deposits: limb, child's limb, trunk, hand, and the table below them.

Bodies lie about the origin of patient space: x to the patient's left, y to the back,
where the table is, z to the head.
"""
