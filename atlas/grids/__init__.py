"""Grid laws: where the cells of the products lie. One module per grid; arrays in, arrays out."""
