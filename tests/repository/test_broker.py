import signal

import pytest
import redis

from repository.runtime.broker import Broker


@pytest.fixture
def broker(tmp_path):
    made = Broker(var=tmp_path, log=tmp_path / "broker.log")
    made.start()
    yield made
    made.stop()


def test_it_listens_on_its_socket_alone(broker):
    with redis.Redis(unix_socket_path=str(broker.socket)) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert broker.socket.parent.stat().st_mode & 0o077 == 0


def test_watch_starts_a_killed_broker_again_with_its_data(broker, capsys):
    with redis.Redis(unix_socket_path=str(broker.socket)) as client:
        client.set("kept", "1")
    broker.process.send_signal(signal.SIGKILL)
    broker.process.wait()
    broker.watch()
    with redis.Redis(unix_socket_path=str(broker.socket)) as client:
        assert client.get("kept") == b"1"
    assert "broker ended with code -9" in capsys.readouterr().out
