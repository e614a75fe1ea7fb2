"""Who may do what in the database: the privileges in the catalog must be exactly those of a list."""

import psycopg
import pytest

from shared_fixtures.postgres import Addresses, install_revocation_feed
from shared_fixtures.privileges import OF_ANY_VERSION_OF_A_READER, OF_EVERYBODY_ANYWHERE, privileges


def test_the_apis_role_may_do_this_and_nothing_else(idp: psycopg.Connection) -> None:
    assert privileges(idp, "api") == OF_ANY_VERSION_OF_A_READER | OF_EVERYBODY_ANYWHERE


def test_a_role_without_grants_may_do_nothing(database: Addresses) -> None:
    with psycopg.connect(database.superuser) as superuser:
        superuser.execute("CREATE ROLE nobody_at_all")
        assert privileges(superuser, "nobody_at_all") == OF_EVERYBODY_ANYWHERE
        superuser.rollback()


def test_excess_privileges_are_revoked(database: Addresses, idp: psycopg.Connection) -> None:
    idp.execute("GRANT ALL ON ALL FUNCTIONS IN SCHEMA auth TO PUBLIC, api")
    idp.execute("GRANT ALL ON auth.revocation, auth.revocation_version, auth.revocation_channel TO PUBLIC, api")
    install_revocation_feed(database.owner)
    assert privileges(idp, "api") == OF_ANY_VERSION_OF_A_READER | OF_EVERYBODY_ANYWHERE


def test_no_other_role_can_execute_a_trigger_function(database: Addresses, idp: psycopg.Connection) -> None:
    functions = [
        name
        for (name,) in idp.execute(
            "SELECT oid::regproc::text FROM pg_proc"
            " WHERE pronamespace = 'auth'::regnamespace AND prorettype = 'trigger'::regtype"
        )
    ]
    assert len(functions) > 10
    with psycopg.connect(database.api, autocommit=True) as api:
        api.execute("CREATE TEMP TABLE z (i integer)")
        for function in functions:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                api.execute(f"CREATE TRIGGER z BEFORE TRUNCATE ON z FOR EACH STATEMENT EXECUTE FUNCTION {function}()")
    assert idp.execute("SELECT count(*) FROM auth.revocation").fetchone() == (0,)
