"""THE KILN: where jobs are painted. The only package whose processes load PyTorch."""
