package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the API's: it cannot be changed by the client.
const pageSize = 50

// pageOf answers one page of all. What is no page number is taken for 1, and a
// page beyond the end is empty: no error is documented for either.
func pageOf[T any](d Dialect, query url.Values, all []T, item func(T) any) answer {
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	pages := (len(all) + pageSize - 1) / pageSize
	body := wirePage{
		Items: []any{}, TotalCount: len(all), Page: number, PageSize: pageSize, TotalPages: pages,
		wireExtra: d.extra(),
	}
	if number <= pages { // also keeps the product below from overflowing
		first := (number - 1) * pageSize
		for _, v := range all[first:min(first+pageSize, len(all))] {
			body.Items = append(body.Items, item(v))
		}
	}
	return jsonAnswer(http.StatusOK, body)
}
