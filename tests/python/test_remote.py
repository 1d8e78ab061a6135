"""Files in object stores: S3 by moto (PyPI), Azure by Azurite (npm), each with the client of its own kind."""

import os
import socket
import subprocess
import sys
import time

import pytest

from command import evz_command
from golden import ROOT
from node import installed

FILE = ROOT / "fixtures" / "moving.evz"


def started(command, port):
    """A server that is asked until it answers."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        assert server.poll() is None, f"{command[0]} ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise TimeoutError(command)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def s3():
    """The URL of a bucket, the environment that opens it, and how a file is put there."""
    import boto3

    port = free_port()
    server = started([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port)
    endpoint = f"http://127.0.0.1:{port}"
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                          aws_access_key_id="key", aws_secret_access_key="secret")
    client.create_bucket(Bucket="recordings")

    def put(key, data):
        client.put_object(Bucket="recordings", Key=key, Body=data)

    yield "s3://recordings", {
        "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}, put
    server.kill()


@pytest.fixture(scope="module")
def azure():
    from azure.storage.blob import BlobServiceClient

    # The port that the client of the environment variable asks.
    port = 10_000
    server = started(["node", installed("azurite") / "dist" / "src" / "blob" / "main.js",
                      "--inMemoryPersistence", "--skipApiVersionCheck", "--blobPort", str(port)], port)
    client = BlobServiceClient.from_connection_string("UseDevelopmentStorage=true")
    box = client.create_container("recordings")

    def put(key, data):
        box.upload_blob(key, data, overwrite=True)

    yield "az://recordings", {
        "AZURE_STORAGE_USE_EMULATOR": "true", "AZURE_ALLOW_HTTP": "true"}, put
    server.kill()


@pytest.fixture(params=["s3", "azure"])
def store(request):
    if not evz_command():
        pytest.skip("evz is not built")
    return request.getfixturevalue(request.param)


def evz(environment, *args):
    done = subprocess.run([evz_command(), *args], env={**os.environ, **environment},
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def here(*args):
    return subprocess.run([evz_command(), *args], capture_output=True, text=True, check=True).stdout


def test_events_are_those_of_the_file(store):
    url, environment, put = store
    put("a b/moving.evz", FILE.read_bytes())
    name = f"{url}/a%20b/moving.evz"
    code, digest, said = evz(environment, "digest", name)
    assert (code, digest.split()[0]) == (0, here("digest", FILE).split()[0]), said
    window = ("--from", "20ms", "--to", "25ms")
    assert evz(environment, "cat", name, *window) == (0, here("cat", FILE, *window), "")


def test_real_recordings_are_read_where_they_are(store):
    folder = os.environ.get("EVZ_RECORDINGS")
    if not folder:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
    url, environment, put = store
    for name in ("evt3.raw", "davis346.aedat4", "dvs.es"):
        file = os.path.join(folder, name)
        with open(file, "rb") as data:
            put(name, data.read())
        code, digest, said = evz(environment, "digest", f"{url}/{name}")
        assert (code, digest.split()[0]) == (0, here("digest", file).split()[0]), said


def test_what_is_not_there_says_so(store):
    url, environment, _ = store
    code, _, said = evz(environment, "info", f"{url}/none.evz")
    assert code == 1 and "no such file" in said and f"{url}/none.evz" in said


def test_no_key_says_what_settles_it(azure):
    if not evz_command():
        pytest.skip("evz is not built")
    url, environment, put = azure
    put("moving.evz", FILE.read_bytes())
    wrong = {**environment, "AZURE_STORAGE_ACCOUNT_KEY": "bm8ga2V5"}
    code, _, said = evz(wrong, "info", f"{url}/moving.evz")
    assert code == 1 and "AZURE_STORAGE_ACCOUNT_KEY" in said
