"""Making evidence readable: one step a module, bytes in, result out. No Django, no database, no network.

A step is a module with NAME, SECONDS (how long it may take), `applies(facts)` and `run(job)`; `steps` lists them in
order. Steps run in a child process under limits (`child`, `limits`), driven by `running`; what comes out is read like
anything that a hostile file could have written (`results`).
"""
