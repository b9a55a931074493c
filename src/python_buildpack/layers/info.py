"""What the documentation says about a layer."""

from cnb.frozen import frozen


@frozen
class LayerInfo:
    """One kind of layer. docs/layers.md lists the ``INFO`` of every module in this package."""

    name: str
    """With ``<…>`` in it if there may be several such layers."""
    types: str
    """Some of launch, build and cache (CNB spec, "Layer Types"), if no other buildpack requires what we provide."""
    content: str
    """As Markdown, without a full stop."""
    remade: str
    """In words, what causes a rebuild of the layer."""
