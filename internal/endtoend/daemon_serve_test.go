package endtoend

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
)

// TestTheAddressTellsAndTakesNoOrders asks for all that the first page names,
// and for what it does not.
func TestTheAddressTellsAndTakesNoOrders(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		handler := k.Handler()
		ask := func(method, path string) *httptest.ResponseRecorder {
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequestWithContext(l.Context(), method, path, http.NoBody))
			return answer
		}
		paths := regexp.MustCompile(`(?m)^/\S+`).FindAllString(ask(http.MethodGet, "/").Body.String(), -1)
		if len(paths) != 4 {
			l.Errorf("the first page names %q", paths)
		}
		for _, path := range paths {
			if answer := ask(http.MethodGet, path); answer.Code != http.StatusOK || answer.Body.Len() == 0 {
				l.Errorf("GET %s: %d %s", path, answer.Code, answer.Body)
			}
		}
		for _, order := range []string{"/v1/pause", "/v1/approve", "/api/v1/status", "/"} {
			if answer := ask(http.MethodPost, order); answer.Code < http.StatusBadRequest {
				l.Errorf("POST %s: %d %s", order, answer.Code, answer.Body)
			}
		}
	})
}
