"""The demonstration: a published workload put through the running services, with a progress bar and a table at the end.

Placeholder: the workload comes with the simulator. It talks to the portal over HTTP only.
"""


def run_demo(portal_url: str, admin_key: str, exit_when_done: bool) -> int:
    """Run the workload against a portal that is ready, and print the result.

    Args:
        portal_url: where the portal answers, without a slash at the end.
        admin_key: key that may create sandboxes.
        exit_when_done: the stack ends right after this returns; otherwise the pages stay up, and it may say where.

    Returns:
        Exit code: 0 when every dossier ended and the counts equal the recount.
    """
    del admin_key, exit_when_done
    print(f"The portal answers at {portal_url}")
    return 0
