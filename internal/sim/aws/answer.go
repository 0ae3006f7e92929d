package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

const (
	namespace    = "http://ec2.amazonaws.com/doc/2016-11-15/"
	stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// set is a list in an answer: a wrapper around <item> elements. The wrapper
// is there even when the list is empty, which clients tell apart from absent.
type set[T any] struct {
	Items []T `xml:"item"`
}

// MarshalJSON writes the list without its wrapper, for dumps.
func (s set[T]) MarshalJSON() ([]byte, error) {
	if s.Items == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(s.Items)
}

// listed renders each value as an item.
func listed[S, T any](values []S, render func(S) T) set[T] {
	items := make([]T, 0, len(values))
	for _, value := range values {
		items = append(items, render(value))
	}
	return set[T]{items}
}

// stamp is a time as EC2 writes it: whole seconds with three noughts.
type stamp time.Time

// MarshalText writes the time.
func (s stamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(s).UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.000Z")), nil
}

// answered is the answer of a call that has nothing to tell but that it
// succeeded.
type answered struct {
	Return bool `xml:"return"`
}

// document encodes body as the root element of an EC2 answer.
func document(action, request string, body any) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	root := xml.StartElement{
		Name: xml.Name{Local: action + "Response"},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}},
	}
	if err := xml.NewEncoder(&out).EncodeElement(body, root); err != nil {
		return nil, fmt.Errorf("cannot encode the answer of %s: %w", action, err)
	}
	open, rest, _ := bytes.Cut(out.Bytes()[len(xml.Header):], []byte(">"))
	return fmt.Appendf(nil, "%s%s>\n<requestId>%s</requestId>%s", xml.Header, open, request, rest), nil
}

type errorDocument struct {
	XMLName   xml.Name `xml:"Response"`
	Code      string   `xml:"Errors>Error>Code"`
	Message   string   `xml:"Errors>Error>Message"`
	RequestID string   `xml:"RequestID"`
}

type stsErrorDocument struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func send(w http.ResponseWriter, status int, request string, body []byte) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.Header().Set("x-amzn-RequestId", request)
	w.Header().Set("Server", "AmazonEC2")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no matter of ours
}

func sendJSON(w http.ResponseWriter, status int, request string, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("x-amzn-RequestId", request)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone is no matter of ours
}

func (f *fault) send(w http.ResponseWriter, service, request string) {
	if service == "ssm" || service == "secretsmanager" {
		sendJSON(w, f.status, request, map[string]string{"__type": f.code, "message": f.message})
		return
	}
	var body any = errorDocument{Code: f.code, Message: f.message, RequestID: request}
	if service == "sts" {
		body = stsErrorDocument{Namespace: stsNamespace, Type: "Sender", Code: f.code, Message: f.message, RequestID: request}
	}
	text, err := xml.Marshal(body)
	if err != nil {
		text = []byte("<Response/>")
	}
	send(w, f.status, request, append([]byte(xml.Header), text...))
}
