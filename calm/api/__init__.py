"""The public Python interface, as `import calm` offers it: plain values in, records out."""
