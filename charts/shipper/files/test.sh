# Pushes a line to Loki and queries it. Then writes a line to its own output, and waits until that line is in Loki, too. The agent of this
# release on this node must be ready, and Loki must have acknowledged records of that agent in the meantime, because an agent of another release
# could have sent the line.
#
# Variables from the agent's configuration: URL TENANT USERNAME PASSWORD_FILE TOKEN_FILE CA_FILE CERT_FILE KEY_FILE SERVER_NAME IS_INSECURE
# CLUSTER. Variables from the pod: NAMESPACE POD CONTAINER NODE_NAME, AGENT (address of the agent), READS_CONTAINERS, TIMEOUT in seconds.
# The arguments are the headers.
# Runs in the sh of busybox, with curl, on a read-only file system.
set -eu

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Quotes a text for JSON and LogQL.
quote() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

one_line() { printf %s "$1" | tr -s '\n' ' '; }

for file in "$PASSWORD_FILE" "$TOKEN_FILE" "$CA_FILE" "$CERT_FILE" "$KEY_FILE"; do
  [ -z "$file" ] || [ -r "$file" ] || fail "can't read $file; the test pod mounts only the files of credentials and ca"
done

# A variable from a Secret may end with a line break, which the agent removes, too.
URL=$(printf %s "$URL")
TENANT=$(printf %s "$TENANT")
CLUSTER=$(printf %s "$CLUSTER")

scheme=${URL%%://*}
rest=${URL#*://}
authority=${rest%%/*}
path=${rest#"$authority"}
[ "${path%/}" ] || path=/loki/api/v1/push

# Each header becomes an argument of curl.
count=$#
while [ "$count" -gt 0 ]; do
  set -- "$@" --header "$(printf %s "$1")"
  shift
  count=$((count - 1))
done
[ -z "$TENANT" ] || set -- "$@" --header "X-Scope-OrgID: $TENANT"
[ -z "$USERNAME" ] || set -- "$@" --user "$USERNAME:$([ -z "$PASSWORD_FILE" ] || cat "$PASSWORD_FILE")"
[ -z "$TOKEN_FILE" ] || set -- "$@" --header "Authorization: Bearer $(cat "$TOKEN_FILE")"
[ -z "$CA_FILE" ] || set -- "$@" --cacert "$CA_FILE"
[ -z "$CERT_FILE" ] || set -- "$@" --cert "$CERT_FILE"
[ -z "$KEY_FILE" ] || set -- "$@" --key "$KEY_FILE"
[ "$IS_INSECURE" != true ] || set -- "$@" --insecure
# curl reads this variable in lower case only.
[ -z "${HTTP_PROXY:-}" ] || export http_proxy="$HTTP_PROXY"
if [ -n "$SERVER_NAME" ]; then
  case $authority in
    *:[0-9]*) target=$authority ;;
    *) target=$authority:$([ "$scheme" = https ] && echo 443 || echo 80) ;;
  esac
  set -- "$@" --connect-to "::$target"
  authority=$SERVER_NAME
fi
push_url=$scheme://$authority$path

# Prints the response, and its status on a separate line.
request() { curl --silent --show-error --max-time 10 --write-out '\n%{http_code}' "$@" || true; }

# find_line SELECTOR TEXT ARGUMENTS...: queries Loki until the text is there, for at most TIMEOUT seconds.
find_line() {
  selector=$1
  text=$2
  shift 2
  deadline=$(($(date +%s) + TIMEOUT))
  until
    answer=$(request "$@" --get --data-urlencode "query=$selector" "${push_url%/push}/query_range")
    case "$answer" in *"$text"*200) true ;; *) false ;; esac
  do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      case "$answer" in *200) ;; *) echo "Loki answered the query: $(one_line "$answer")" ;; esac
      return 1
    fi
    sleep 1
  done
}

id=$(date +%s)-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
labels="cluster=$(quote "$CLUSTER"), namespace=$(quote "$NAMESPACE"), pod=$(quote "$POD")"

echo "1. Push a line to $push_url"
answer=$(request "$@" --header 'Content-Type: application/json' --data "{\"streams\": [{
  \"stream\": {\"cluster\": $(quote "$CLUSTER"), \"namespace\": $(quote "$NAMESPACE"), \"pod\": $(quote "$POD"), \"job\": \"shipper-test\"},
  \"values\": [[\"$(date +%s)000000000\", \"pushed by helm test $id\"]]}]}" "$push_url")
case "$answer" in
  *20[0-9]) ;;
  *000) fail "no response; see curl's message above. Check config.loki.url, and whether this pod can reach Loki" ;;
  *40[13]) fail "Loki answered: $(one_line "$answer"). Check the credentials and the tenant in config.loki" ;;
  *) fail "Loki answered: $(one_line "$answer")" ;;
esac

case "$push_url" in
  */loki/api/v1/push) ;;
  *) fail "config.loki.url has a path other than /loki/api/v1/push, so the test can't tell where to query Loki" ;;
esac

echo "2. Query Loki for that line"
find_line "{$labels, job=\"shipper-test\"}" "pushed by helm test $id" "$@" ||
  fail "Loki accepted the line, but a query does not find it. Check that these credentials may query, and for the same tenant"

if [ "$READS_CONTAINERS" != true ]; then
  echo "3. Skipped: the agent does not ship this pod's output, because config.sources.containers.enabled is false"
  exit 0
fi

# Prints the number of the agent's records that Loki has acknowledged; nothing if the agent doesn't answer, or isn't ready.
count_sent() {
  case "$(request --noproxy '*' "$AGENT/readyz")" in *200) ;; *) return ;; esac
  request --noproxy '*' "$AGENT/metrics" | sed -n 's/^shipper_sent_records_total //p'
}

# wait_for_agent COUNT: waits until the agent is ready and has sent more than COUNT records, for at most TIMEOUT seconds.
wait_for_agent() {
  deadline=$(($(date +%s) + TIMEOUT))
  until
    sent=$(count_sent)
    [ -n "$sent" ] && [ "$sent" -gt "$1" ]
  do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 1
  done
}

echo "3. Wait until the agent of this release on node $NODE_NAME is ready: $AGENT"
wait_for_agent -1 ||
  fail "no agent of this release is ready on node $NODE_NAME, or a network policy blocks the test pod. See the agent's log, and: kubectl --namespace $NAMESPACE get pods -o wide"
before=$sent

echo "4. Wait until that agent has sent this line: written by helm test $id"
find_line "{$labels, container=$(quote "$CONTAINER")}" "written by helm test $id" "$@" ||
  fail "the agent on node $NODE_NAME did not send this pod's output within $TIMEOUT s. See the agent's log, and check that config does not exclude the namespace $NAMESPACE"
wait_for_agent "$before" ||
  fail "the line is in Loki, but the agent of this release on node $NODE_NAME has sent nothing within $TIMEOUT s: an agent of another release sent the line"
echo "Passed: both lines are in Loki."
