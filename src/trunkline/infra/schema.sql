-- Written by `python -m trunkline.infra.migrate` from the migrations; a test compares.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	chain TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	at FLOAT NOT NULL, 
	kind TEXT NOT NULL, 
	call TEXT NOT NULL, 
	tool TEXT NOT NULL, 
	service TEXT NOT NULL, 
	effect TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	connection TEXT NOT NULL, 
	arguments TEXT NOT NULL, 
	code TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	ms FLOAT NOT NULL, 
	hash BLOB NOT NULL, toolset TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (seq)
);
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	at FLOAT NOT NULL, 
	organization TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	act TEXT NOT NULL, 
	target TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (seq)
);
CREATE INDEX ix_events_organization_seq ON events (organization, seq);
CREATE TABLE data_keys (
	organization TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	key_id TEXT NOT NULL, 
	wrapped BLOB NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_data_keys PRIMARY KEY (organization, version)
);
CREATE TABLE "connections" (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	service TEXT NOT NULL, 
	shared BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	scheme TEXT NOT NULL, 
	variables TEXT NOT NULL, 
	sealed BLOB NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	key_version INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_connections PRIMARY KEY (id), 
	CONSTRAINT uq_connections_organization_subject_service UNIQUE (organization, subject, service)
);
CREATE INDEX ix_connections_organization_service ON connections (organization, service);
CREATE TABLE organizations (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_organizations PRIMARY KEY (id)
);
CREATE TABLE users (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id)
);
CREATE TABLE identities (
	id TEXT NOT NULL, 
	user TEXT NOT NULL, 
	issuer TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	label TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	seen_at FLOAT NOT NULL, 
	CONSTRAINT pk_identities PRIMARY KEY (id), 
	CONSTRAINT uq_identities_issuer_subject UNIQUE (issuer, subject)
);
CREATE INDEX ix_identities_user ON identities (user);
CREATE TABLE memberships (
	organization TEXT NOT NULL, 
	user TEXT NOT NULL, 
	role TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_memberships PRIMARY KEY (organization, user)
);
CREATE INDEX ix_memberships_user ON memberships (user);
CREATE TABLE invitations (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	role TEXT NOT NULL, 
	email TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	invited_by TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	accepted_by TEXT NOT NULL, 
	CONSTRAINT pk_invitations PRIMARY KEY (id), 
	CONSTRAINT uq_invitations_digest UNIQUE (digest)
);
CREATE INDEX ix_invitations_organization ON invitations (organization);
CREATE TABLE sessions (
	id TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	user TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	method TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	seen_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT uq_sessions_digest UNIQUE (digest)
);
CREATE INDEX ix_sessions_user ON sessions (user);
CREATE TABLE sign_ins (
	state TEXT NOT NULL, 
	browser TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	next TEXT NOT NULL, 
	linking TEXT NOT NULL, 
	invitation TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	CONSTRAINT pk_sign_ins PRIMARY KEY (state)
);
CREATE TABLE used_links (
	digest TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	CONSTRAINT pk_used_links PRIMARY KEY (digest)
);
CREATE TABLE api_keys (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	user TEXT NOT NULL, 
	name TEXT NOT NULL, 
	prefix TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	toolsets TEXT NOT NULL, 
	read_only BOOLEAN NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	revoked_at FLOAT NOT NULL, 
	used_at FLOAT NOT NULL, 
	CONSTRAINT pk_api_keys PRIMARY KEY (id), 
	CONSTRAINT uq_api_keys_digest UNIQUE (digest)
);
CREATE INDEX ix_api_keys_organization ON api_keys (organization);
CREATE TABLE oauth_clients (
	id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	used_at FLOAT, 
	CONSTRAINT pk_oauth_clients PRIMARY KEY (id)
);
CREATE TABLE oauth_codes (
	hash BLOB NOT NULL, 
	grant_id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	used_at FLOAT, 
	CONSTRAINT pk_oauth_codes PRIMARY KEY (hash)
);
CREATE TABLE oauth_grants (
	id TEXT NOT NULL, 
	client TEXT NOT NULL, 
	client_name TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	name TEXT NOT NULL, 
	session TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	issuer TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	ended_at FLOAT, 
	ended_for TEXT, 
	CONSTRAINT pk_oauth_grants PRIMARY KEY (id)
);
CREATE INDEX ix_oauth_grants_organization_subject ON oauth_grants (organization, subject);
CREATE TABLE oauth_refresh_tokens (
	hash BLOB NOT NULL, 
	grant_id TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	used_at FLOAT, 
	CONSTRAINT pk_oauth_refresh_tokens PRIMARY KEY (hash)
);
CREATE INDEX ix_oauth_refresh_tokens_grant_id ON oauth_refresh_tokens (grant_id);
CREATE TABLE oauth_consents (
	subject TEXT NOT NULL, 
	client TEXT NOT NULL, 
	host TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	granted_at FLOAT NOT NULL, 
	CONSTRAINT pk_oauth_consents PRIMARY KEY (subject, client, host, resource)
);
CREATE TABLE oauth_apps (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	client_id TEXT NOT NULL, 
	variables TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	key_version INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT pk_oauth_apps PRIMARY KEY (id), 
	CONSTRAINT uq_oauth_apps_organization_provider UNIQUE (organization, provider)
);
CREATE TABLE service_configs (
	organization TEXT NOT NULL, 
	service TEXT NOT NULL, 
	who TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT pk_service_configs PRIMARY KEY (organization, service)
);
CREATE TABLE grants (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	asked TEXT NOT NULL, 
	variables TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	refreshed_at FLOAT NOT NULL, 
	claim TEXT NOT NULL, 
	claimed_until FLOAT NOT NULL, 
	interrupted INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	retry_at FLOAT NOT NULL, 
	key_version INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	CONSTRAINT pk_grants PRIMARY KEY (id)
);
CREATE INDEX ix_grants_organization ON grants (organization);
CREATE TABLE connect_attempts (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	session TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	service TEXT NOT NULL, 
	shared BOOLEAN NOT NULL, 
	variables TEXT NOT NULL, 
	asked TEXT NOT NULL, 
	verifier BLOB NOT NULL, 
	expires_at FLOAT NOT NULL, 
	CONSTRAINT pk_connect_attempts PRIMARY KEY (id)
);
CREATE INDEX ix_connect_attempts_expires_at ON connect_attempts (expires_at);
CREATE INDEX ix_audit_call ON audit (call);
CREATE INDEX ix_audit_organization_at ON audit (organization, at) WHERE kind IN ('intent', 'refused');
CREATE INDEX ix_audit_organization_subject_at ON audit (organization, subject, at) WHERE kind IN ('intent', 'refused');
CREATE INDEX ix_audit_organization_service_at ON audit (organization, service, at) WHERE kind IN ('intent', 'refused');
CREATE INDEX ix_audit_at ON audit (at) WHERE code NOT IN ('', 'ok');
CREATE TABLE toolsets (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	name TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	members TEXT NOT NULL, 
	listing TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	CONSTRAINT pk_toolsets PRIMARY KEY (id), 
	CONSTRAINT uq_toolsets_organization_name UNIQUE (organization, name)
);
CREATE TABLE ledger (
	id TEXT NOT NULL, 
	organization TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	toolset TEXT NOT NULL, 
	client TEXT NOT NULL, 
	began_at FLOAT NOT NULL, 
	ended_at FLOAT NOT NULL, 
	turns INTEGER NOT NULL, 
	menu INTEGER NOT NULL, 
	discovery INTEGER NOT NULL, 
	schemas INTEGER NOT NULL, 
	calls INTEGER NOT NULL, 
	answers INTEGER NOT NULL, 
	everything INTEGER NOT NULL, 
	connected INTEGER NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (id)
);
CREATE INDEX ix_ledger_organization_ended_at ON ledger (organization, ended_at);
CREATE TABLE learned_tools (
	organization TEXT NOT NULL, 
	tool TEXT NOT NULL, 
	calls FLOAT NOT NULL, 
	good FLOAT NOT NULL, 
	at FLOAT NOT NULL, 
	CONSTRAINT pk_learned_tools PRIMARY KEY (organization, tool)
);
CREATE TABLE learned_pairs (
	organization TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	count FLOAT NOT NULL, 
	at FLOAT NOT NULL, 
	CONSTRAINT pk_learned_pairs PRIMARY KEY (organization, "before", "after")
);
INSERT INTO alembic_version VALUES ('0008');
