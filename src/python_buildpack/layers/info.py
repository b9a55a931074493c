"""What the documentation says of a layer."""

from cnb.frozen import frozen


@frozen
class LayerInfo:
    """One kind of layer. docs/layers.md lists the ``INFO`` of every module in this package."""

    name: str
    """With ``<…>`` in it where there is one for each of several things."""
    types: str
    """Of launch, build and cache (CNB spec, "Layer Types"), in a build of which no other buildpack wants anything."""
    content: str
    """As Markdown, without a full stop."""
    remade: str
    """What makes it anew, in words."""
