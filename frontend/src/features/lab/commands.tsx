/** The same by hand, against the API itself. */
export function Commands({ web, api }: { web: string; api: string }) {
  return (
    <pre className="rounded-lg border border-border bg-surface p-4 font-mono text-xs leading-6 wrap-anywhere whitespace-pre-wrap">
      {`WEB=${web}
API=${api}

TOKEN=$(curl -s $WEB/api/auth/sign-up \\
  -H 'content-type: application/json' \\
  -d '{"name": "Ada", "email": "ada@example.com", "password": "Corr3ctHorse"}' \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')

# 200
curl -i $API/api/me -H "authorization: Bearer $TOKEN"

# 401 token_revoked
curl -X POST $WEB/api/auth/sign-out -H "authorization: Bearer $TOKEN"
curl -i $API/api/me -H "authorization: Bearer $TOKEN"`}
    </pre>
  );
}
