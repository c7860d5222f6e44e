"""The Python interface: what `import specrob` offers, on your own models and tensors.

Every function gives the same numbers as the command of its name. It takes a model as

- the name of a model file that specrob wrote,
- an `nn.Module`, or a function from images, (B, C, H, W), to logits, (B, classes), with images and
  labels that are tensors or arrays, or
- what `load_model`, `train_local_layer` or `train_classifier` returned.
"""
