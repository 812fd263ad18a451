"""What the course asks of a JupyterHub; docs/hub.md says more.

On The Littlest JupyterHub this file goes, under any name, into
`/opt/tljh/config/jupyterhub_config.d`. Elsewhere your own configuration reads it:
`load_subconfig("/path/to/this/file")`.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update(
    {
        "CS826TL_SHARED": "/srv/cs826tl",  # what `cs826tl prepare /srv/cs826tl` has filled
        "OMP_NUM_THREADS": "1",  # many students on few cores: more threads only get in the way
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait leave the core to somebody else
    }
)
c.Spawner.default_url = "/lab"
c.Spawner.mem_limit = "2G"  # measured: docs/hub.md; kept by spawners that can, as TLJH's
c.Spawner.start_timeout = 120  # the first minute of a class starts many servers at once
