from types import SimpleNamespace

class CatSim:
    resultsName: str
    phantom: SimpleNamespace
    protocol: SimpleNamespace
    physics: SimpleNamespace
    scanner: SimpleNamespace
    recon: SimpleNamespace
    def __init__(self, *para: str) -> None: ...
    def run_all(self) -> SimpleNamespace: ...
