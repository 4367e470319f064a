// The page opens on what Python has recorded.
once();
begin(JSON.parse($("data").textContent), true);
