"""Programs computed by another library: by its functions, put together by its compiler."""
