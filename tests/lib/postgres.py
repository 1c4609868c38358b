"""A PostgreSQL server of Debian's package in a folder of its own, reached by its socket alone.

    with Server() as server: server.database("name")   gives a connection string

or, around a program that gets one in place of {}:

    postgres.py -- PROGRAM … {} …
"""

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile


class Server:
    def __enter__(self):
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not folders:
            raise FileNotFoundError("/usr/lib/postgresql/*/bin: install postgresql")
        self.bin = folders[-1]
        self.folder = tempfile.mkdtemp(prefix="lq-pg-", dir="/tmp")  # a socket's path is short
        # The server refuses to be root's.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        try:
            self.run("initdb", "-D", self.folder + "/data", "-A", "trust", "-U", "loquet", "-N",
                     "-E", "UTF8", "--locale=C")
            self.run("pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log",
                     "-o", "-c listen_addresses='' -c fsync=off -c shared_buffers=16MB "
                     "-c max_connections=20 -c unix_socket_directories=" + self.folder, "start")
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, *_):
        try:
            self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder)

    def run(self, program, *arguments):
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid,
               "extra_groups": []} if self.user else {}
        done = subprocess.run([f"{self.bin}/{program}", *arguments], cwd=self.folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, check=False, **who)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")

    def database(self, name):
        self.run("createdb", "-h", self.folder, "-U", "loquet", name)
        return f"host={self.folder} user=loquet dbname={name}"


def main():
    command = sys.argv[sys.argv.index("--") + 1:]
    with Server() as server:
        command = [server.database("test") if part == "{}" else part for part in command]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
